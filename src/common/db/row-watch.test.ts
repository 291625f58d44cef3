import { silentLogger } from '../telemetry/log.ts';
import { openDatabase } from './open.ts';
import { rowWatchContract } from './row-watch-contract.ts';

rowWatchContract('a watched database', () => openDatabase('sqlite://', { log: silentLogger }));
