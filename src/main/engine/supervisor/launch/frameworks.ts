import type { DevServer } from './dev-server.js'
import { JAVASCRIPT_SERVERS } from './javascript-servers.js'
import { OTHER_SERVERS } from './other-servers.js'

/** The servers that are told their port by flags. */
export const DEV_SERVERS: readonly DevServer[] = [...JAVASCRIPT_SERVERS, ...OTHER_SERVERS]

/** They run several commands, and which of them is to have the port is not for others to say. */
export const RUN_SEVERAL: ReadonlySet<string> = new Set([
  ...['concurrently', 'npm-run-all', 'npm-run-all2', 'run-p', 'run-s', 'wireit', 'turbo', 'nx', 'lerna', 'mprocs'],
  ...['foreman', 'overmind', 'hivemind', 'honcho', 'make', 'just', 'task', 'docker', 'docker-compose', 'podman'],
])
