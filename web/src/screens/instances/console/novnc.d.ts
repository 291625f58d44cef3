declare module '@novnc/novnc' {
  /** What we use of noVNC's RFB (docs/API.md of the package). */
  // eslint-disable-next-line no-restricted-syntax -- as the package exports it
  export default class RFB extends EventTarget {
    constructor(
      target: HTMLElement,
      url: string,
      options?: { readonly shared?: boolean; readonly wsProtocols?: readonly string[] },
    );
    scaleViewport: boolean;
    resizeSession: boolean;
    focusOnClick: boolean;
    background: string;
    disconnect(): void;
    focus(options?: FocusOptions): void;
    blur(): void;
    sendKey(keysym: number, code: string | null, down?: boolean): void;
    sendCtrlAltDel(): void;
  }
}
