/** The channels between the preload and the shell. Kept free of imports: a sandboxed preload can load no library. */
export const IPC = {
  call: 'portico:call',
  subscribe: 'portico:subscribe',
  unsubscribe: 'portico:unsubscribe',
  event: 'portico:event',
} as const
