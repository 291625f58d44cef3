import type { Ec2Action, Ec2Call, Ec2Deps } from './deps.ts';
import { serverUuids } from './ids.ts';

/** The server of `InstanceId`; lists of one are taken too. @throws Ec2Error */
async function theServer({ db }: Ec2Deps, { ctx, params }: Ec2Call): Promise<{ instanceId: string; id: string }> {
  const instanceId = params.list('InstanceId')[0] ?? params.required('InstanceId');
  const [id = ''] = await serverUuids(db, ctx, [instanceId]);
  return { instanceId, id };
}

const getConsoleOutput: Ec2Action = async (deps, call) => {
  const { instanceId, id } = await theServer(deps, call);
  const output = await deps.servers.consoleOutput(call.ctx, id, null);
  return { instanceId, timestamp: deps.clock.now(), output: Buffer.from(output).toString('base64') };
};

/** What the guest has set, encrypted for the server's key pair. */
const getPasswordData: Ec2Action = async (deps, call) => {
  const { instanceId, id } = await theServer(deps, call);
  const { guestPassword } = await deps.servers.show(call.ctx, id);
  return { instanceId, timestamp: deps.clock.now(), passwordData: guestPassword };
};

export const guestActions = {
  GetConsoleOutput: getConsoleOutput,
  GetPasswordData: getPasswordData,
} satisfies Record<string, Ec2Action>;
