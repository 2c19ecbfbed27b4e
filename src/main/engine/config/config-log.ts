import type { Logger } from 'pino'

/** The part of a logger that the config needs. */
export type ConfigLog = Pick<Logger, 'info' | 'warn' | 'error'>
