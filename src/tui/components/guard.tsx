// What is thrown while a screen is drawn, caught: ink would swallow it.
import { Component, type ReactNode } from 'react';

interface GuardProps {
  onCrash: (error: unknown) => void;
  children: ReactNode;
}

export class Guard extends Component<GuardProps, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override componentDidCatch(error: unknown) {
    this.props.onCrash(error);
  }

  override render() {
    return this.state.crashed ? null : this.props.children;
  }
}
