// A proxy on loopback: it opens tunnels (CONNECT) and passes requests on, and notes what it was asked for.
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ProxyServer {
  url: string;
  /** `host:port` of every tunnel, and the proxy's own authorization. */
  seen: { target: string; authorization: string | undefined }[];
}

export async function startProxy(): Promise<ProxyServer> {
  const seen: ProxyServer['seen'] = [];
  const server = createServer((_, response) => response.writeHead(501).end()); // nothing comes without a tunnel
  server.on('connect', (request, socket) => {
    const target = request.url ?? '';
    seen.push({ target, authorization: request.headers['proxy-authorization'] });
    const [host, port] = target.split(':');
    if (host !== '127.0.0.1') return socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const other = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      other.pipe(socket).pipe(other);
    });
    for (const one of [socket, other]) one.on('error', () => one.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
