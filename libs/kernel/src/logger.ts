import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/** One JSON object a line on standard error, so that standard output stays free for answers. */
export function createLogger(name: string, level = process.env['BOXTRAIL_LOG_LEVEL'] ?? 'info'): Logger {
  return pino(
    {
      name,
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['authorization', 'token', '*.authorization', '*.token', '*.password'],
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
