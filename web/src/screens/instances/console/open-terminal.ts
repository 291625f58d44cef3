import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { asPageDocument, cspDocument } from './csp-document.ts';

/** Makes a terminal that fits its place; what is typed is handed to `send`. Disposing it ends all. */
export function openTerminal(
  place: HTMLElement,
  {
    label,
    describedBy,
    send,
  }: { readonly label: string; readonly describedBy: string; readonly send: (text: string) => void },
): Terminal {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
  const page = cspDocument(nonce);
  const terminal = new Terminal({
    documentOverride: page,
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    fontFamily: "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace",
    fontSize: 13,
    scrollback: 5000,
    // Whatever colours the guest chooses, they can be read.
    minimumContrastRatio: 4.5,
    theme: { background: '#101418', foreground: '#e6ebef' },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  asPageDocument(page, () => terminal.open(place));
  tellRows(terminal, page);
  terminal.textarea?.setAttribute('aria-label', label);
  terminal.textarea?.setAttribute('aria-describedby', describedBy);
  terminal.onData(send);
  terminal.attachCustomKeyEventHandler((event) => {
    if (!event.ctrlKey || !event.shiftKey || event.altKey) return true;
    // The browser pastes into the terminal's own field by itself.
    if (event.code === 'KeyV') return false;
    if (event.code !== 'KeyC') return true;
    event.preventDefault();
    const text = terminal.getSelection();
    if (event.type === 'keydown' && text !== '') void navigator.clipboard.writeText(text);
    return false;
  });
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(place);
  terminal.loadAddon({ activate: () => undefined, dispose: () => observer.disconnect() });
  fit.fit();
  return terminal;
}

/** Where xterm 6 keeps what draws its rows. */
interface Inside {
  readonly _core?: {
    readonly _renderService?: {
      readonly _renderer?: { readonly value?: { readonly _rowFactory?: { _document?: Document } } };
    };
  };
}

/**
 * xterm draws rows with the page's own document whatever it is told, and writes colours that are in no palette as style
 * attributes, which the policy refuses. Were the place another one, those colours would be missing, nothing else.
 */
function tellRows(terminal: unknown, page: Document): void {
  const rows = (terminal as Inside)._core?._renderService?._renderer?.value?._rowFactory;
  if (rows?._document) rows._document = page;
}
