import type { Platform } from '../platform.js'

/**
 * The command that lets this user listen on ports below 1024 without being root; null where none is needed or none
 * exists.
 */
export function permitLowPortsCommand(platform: Platform): string | null {
  // ip(7): ports from this number up are open to everybody; 80 admits both of ours. It lasts until the next boot.
  return platform === 'linux' ? 'sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80' : null
}
