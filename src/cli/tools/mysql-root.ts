import { CommandError, type Run } from '#common/host/run.ts';

/** A text as SQL. */
export const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** The local database server by its own client, as root. The client knows where the server is: from `my.cnf` and MYSQL_*. */
export class MysqlRoot {
  password: string | undefined;
  readonly #run: Run;
  readonly #program: string;
  readonly #where: readonly string[];

  constructor(deps: {
    readonly run: Run;
    readonly program: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  }) {
    this.#run = deps.run;
    this.#program = deps.program;
    // The client itself reads these after its files; what somebody says now is meant.
    const options = { MYSQL_HOST: 'host', MYSQL_TCP_PORT: 'port', MYSQL_UNIX_PORT: 'socket' };
    this.#where = Object.entries(options).flatMap(([name, option]) =>
      deps.env[name] === undefined ? [] : [`--${option}=${deps.env[name]}`],
    );
  }

  /** Runs statements. @returns the rows, columns apart by tabs @throws CommandError in the client's words */
  async query(statements: string): Promise<readonly string[]> {
    const { stdout } = await this.#run(
      [this.#program, '--user=root', '--batch', '--skip-column-names', ...this.#where],
      {
        input: statements,
        // The environment, not the command line: that is everybody's to read.
        env: this.password === undefined ? {} : { MYSQL_PWD: this.password },
      },
    );
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** Whether there is a server, whoever it lets in. */
  async answers(): Promise<boolean> {
    try {
      await this.query('SELECT 1;');
      return true;
    } catch (error) {
      // ERROR 2002 and 2003: no socket, no port. Any other refusal comes from a server.
      if (error instanceof CommandError && error.status !== null) return !/ERROR 200[23]\b/.test(error.stderr);
      throw error;
    }
  }
}
