/**
 * Undici's pool by itself: its index also loads fetch, caches, WebSocket and mocks, which would cost an idle gateway
 * 13 MB of memory. The version is pinned, and a test that forwards anything fails when the file moves.
 */
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool } from 'undici'

  const pool: typeof Pool
  export default pool
}

declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici'
}
