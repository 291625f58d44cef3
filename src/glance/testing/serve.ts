/** `node serve.ts FOLDER`: a whole glance-api over FOLDER with the fixture's people as tokens; prints its port. */
import { createHttpHost } from '#common/api/http.ts';
import { glanceFixture } from './fixture.ts';

const glance = await glanceFixture({ folder: process.argv[2] as string });
await glance.images.recover('here');
const { port } = await createHttpHost().listen(glance.app, { host: '127.0.0.1', port: 0 });
process.stdout.write(`${port}\n`);
