// What the terminal UI uses of ink. The build bundles this one module: the hundreds of small files behind it take
// longer to find than the first frame may.
export { Box, type DOMElement, render, Text, useStdin, useStdout } from 'ink';
