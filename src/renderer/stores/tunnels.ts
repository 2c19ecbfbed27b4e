import { createFeed } from './feed.js'

/** The relays whose users reach TCP services of this machine. */
export const useTunnels = createFeed('tunnel.list', 'tunnels')
