import { createFeed } from './feed.js'

/** What the engine says of itself and of its apps. */
export const useStatus = createFeed('status', 'status')
/** What listens on this machine. */
export const usePorts = createFeed('ports.list', 'ports')
/** Rates and percentiles of the last minute. */
export const useStats = createFeed('stats', 'stats')
/** The backends of all apps and their health. */
export const useBackends = createFeed('backends.list', 'backends')
/** The processes of the apps that have one. */
export const useProcesses = createFeed('processes.list', 'processes')
/** The local CA. */
export const useAuthority = createFeed('ca.info', null, 'trust')
/** How the trust stores of the machine stand to the local CA: looked at when asked, which takes a moment. */
export const useTrust = createFeed('trust.status', 'trust')
/** The certificates in use. */
export const useCertificates = createFeed('certificates.list', null, 'trust')
/** The browsers that are logged in to the panel. */
export const usePanelSessions = createFeed('panel.sessions', null)
/** How the machine finds the hosts and permits low ports: what there is to set follows from the config. */
export const useSystem = createFeed('system.list', null, 'status')
