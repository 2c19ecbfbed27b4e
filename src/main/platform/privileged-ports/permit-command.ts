import type { Platform } from '../platform.js'

/**
 * The command that lets this user listen on ports below 1024 without being root; null where none is needed or none
 * exists.
 */
export function permitLowPortsCommand(platform: Platform): string | null {
  // Of the ways there are it takes the one that fits this machine, shows it and asks, and it outlives the next boot.
  return platform === 'linux' ? 'portico low-ports install' : null
}
