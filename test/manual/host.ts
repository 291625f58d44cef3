/** What one typed command line gave. */
export interface Typed {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TypeOptions {
  /** What is typed when the command asks. */
  readonly input?: string | undefined;
  /** Milliseconds after which it is given up; 120 000 unless told. */
  readonly timeoutMs?: number;
}

/** A host that the manual's reader sits at as root. One machine may be several of the manual's nodes. */
export interface Host {
  /** Its own name: `controller.magedu.com`. */
  readonly name: string;
  /** Types a line at its shell: variables and the folder stay for the next line. */
  type(line: string, options?: TypeOptions): Promise<Typed>;
  /** The same in a shell of its own, which knows nothing of the other and does not wait for it. */
  aside(line: string, options?: TypeOptions): Promise<Typed>;
  /** Where one of its files is found from here. */
  path(file: string): string;
  /** Ends everything that runs there; its files go too. */
  stop(): Promise<void>;
}
