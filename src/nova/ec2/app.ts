import { Readable } from 'node:stream';
import { createApp, type AppOptions, type HttpApp } from '#common/api/app.ts';
import { novaFaults } from '#common/api/faults.ts';
import { unauthorized } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { findAction } from './actions.ts';
import type { Ec2Authenticate } from './auth.ts';
import type { Ec2Deps } from './deps.ts';
import { Ec2Error, faultOf, missingParameter } from './errors.ts';
import { Ec2Params } from './params.ts';
import { errorXml, responseXml } from './xml.ts';

export interface Ec2Service {
  /** Made when the first request comes: until then the API is a socket. */
  readonly deps: () => Promise<Ec2Deps>;
  readonly authenticate: () => Promise<Ec2Authenticate>;
  readonly log: Logger;
}

const route = routesFor<Ec2Service>();
type AnyCall = Call<unknown, unknown, unknown>;

/** A form may be as long as user data in base 64 makes it. */
const MAX_FORM = 262_144;

async function formOf(call: AnyCall, method: string): Promise<string> {
  if (method === 'GET' || !(call.stream instanceof Readable)) return '';
  let text = '';
  for await (const chunk of call.stream) {
    text += String(chunk);
    if (text.length > MAX_FORM) throw new Ec2Error(413, 'RequestLimitExceeded', 'The request is too large.');
  }
  return text;
}

async function answer(service: Ec2Service, call: AnyCall, method: string): Promise<string> {
  const { requestId } = call.ctx;
  call.reply.header('content-type', 'text/xml');
  try {
    const [path = '/', query = ''] = call.url.split('?');
    const body = await formOf(call, method);
    const values = [...new URLSearchParams(query), ...new URLSearchParams(body)];
    const params = new Ec2Params(values);
    const authenticate = await service.authenticate();
    const ctx = await authenticate({
      verb: method,
      path,
      host: call.headers['host'] ?? '',
      headers: call.headers,
      params: Object.fromEntries(values),
      body,
      requestId,
    });
    const name = params.text('Action');
    if (name === null) throw missingParameter('Action is required');
    const action = await findAction(name);
    if (!action) throw new Ec2Error(400, 'InvalidAction', `The action ${name} is not valid for this web service.`);
    const result = await action(await service.deps(), { ctx, params, requestId });
    return responseXml(name, params.text('Version') ?? '2013-10-15', requestId, result);
  } catch (error) {
    const fault = faultOf(error);
    if (!fault || fault.status >= 500) service.log.error('An EC2 request failed', error);
    call.reply.status(fault?.status ?? 500);
    return fault
      ? errorXml(fault.ec2Code, fault.message, requestId)
      : errorXml('InternalError', 'Unknown error occurred.', requestId);
  }
}

/** Signatures stand in for tokens: the routes look at them themselves. */
const routes = (['GET', 'POST'] as const).map((method) =>
  route({
    id: `ec2.${method.toLowerCase()}`,
    summary: "Amazon's EC2 API: the parameter Action says what is wanted",
    method,
    path: '/services/Cloud',
    policy: null,
    status: 200,
    handle: (service, call) => answer(service, call, method),
  }),
);

/** The EC2 API of port 8773. */
export function createEc2App(service: Ec2Service, options: Omit<AppOptions, 'name' | 'faults'>): HttpApp {
  const app = createApp({ ...options, name: 'nova-ec2', faults: novaFaults });
  app.mount({
    points: [{ prefix: '', api: 'ec2', version: '1.0' }],
    routes,
    service,
    enforcer: createEnforcer({}),
    authenticate: () => {
      throw unauthorized('EC2 requests are signed.');
    },
  });
  return app;
}
