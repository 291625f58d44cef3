import { readFileSync } from 'node:fs';

export type Kind = 'cli' | 'config' | 'db' | 'service' | 'shell';
export type Client = 'keystone' | 'glance' | 'nova' | 'neutron' | 'cinder';

/** What the manual says that a command prints. */
export interface Expect {
  readonly type: 'silent' | 'message' | 'table-dict' | 'table-list' | 'text' | 'not-shown';
  readonly exit: number;
  readonly message?: string;
  readonly client?: Client;
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly string[])[];
  readonly fields?: Readonly<Record<string, string>>;
  readonly row_order?: readonly string[];
  readonly patterns?: readonly string[];
  readonly sample?: string;
  readonly sort?: string;
  readonly vary?: readonly string[];
}

/** One command of the manual, as the specification states it (commands.json). */
export interface Command {
  readonly id: string;
  readonly section: string;
  readonly node: 'controller' | 'network' | 'compute' | 'storage' | 'lab';
  /** Of the two hosts of a lab. */
  readonly host?: 'host1' | 'host2' | 'both';
  readonly kind: Kind;
  /** With the corrections to the printed text. */
  readonly command: string;
  readonly expect: Expect;
  /** Output field by the name that later commands refer to its value by. */
  readonly binds?: Readonly<Record<string, string>>;
  /** What it sets in a configuration file. */
  readonly config?: {
    readonly file: string;
    /** Null: the file has no sections. */
    readonly section: string | null;
    readonly option: string;
    readonly value: string;
  };
  /** What is written into a file, by an editor. */
  readonly file?: { readonly path: string; readonly content: string; readonly section?: string };
}

export const commands = JSON.parse(
  readFileSync(new URL('./commands.json', import.meta.url), 'utf8'),
) as readonly Command[];

const chapters = [
  ['M001', 'front matter'],
  ['M003', '1 Identity'],
  ['M057', '2 Image'],
  ['M105', '3 Compute'],
  ['M185', '4 Networking'],
  ['M369', '5 Dashboard'],
  ['M379', '6 First instance'],
  ['M404', '7 Block storage'],
  ['M460', 'A1 Namespaces'],
  ['M525', 'A2 Open vSwitch'],
  ['M599', 'A3 Domain'],
] as const;

/** The chapter that a command stands in; the manual's own section numbers begin anew in each. */
export const chapterOf = ({ id }: Command): string => (chapters.findLast(([first]) => first <= id) ?? chapters[0])[1];
