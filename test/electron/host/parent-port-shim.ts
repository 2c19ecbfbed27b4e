import { EventEmitter } from 'node:events'

/** Loaded before the engine's process: gives it the `process.parentPort` that Electron would. */
const port = new EventEmitter()
// What arrives before somebody listens waits in the channel.
port.once('newListener', () =>
  queueMicrotask(() => process.on('message', (data) => port.emit('message', { data, ports: [] }))),
)
Object.assign(process, {
  parentPort: Object.assign(port, { postMessage: (message: unknown) => void process.send?.(message) }),
})
// Without its parent Electron ends a utility process.
process.on('disconnect', () => process.exit())
