/** The operating systems, by Node's names for them. */
export type Platform = NodeJS.Platform

/** The system this process runs on. The only reader of it: everything else is told, and so can be tested as data. */
export function currentPlatform(): Platform {
  return process.platform
}
