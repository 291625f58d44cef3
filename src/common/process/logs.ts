export { openLogs, type Logs } from '../telemetry/logs.ts';
