import net, { type AddressInfo } from 'node:net'

/**
 * What users reach through each tunnel: `source` sends without end, `echo` echoes. Each is a process of its own, so that
 * neither waits for the other; it prints its port.
 */
const SERVICES = {
  source: () =>
    net.createServer((socket) => {
      const chunk = Buffer.alloc(256 * 1024, 7)
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      }
      // Not at once: one whose reader keeps up would never let the others have a turn.
      socket.on('error', () => {}).on('drain', () => setImmediate(more))
      more()
    }),
  echo: () =>
    net.createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {}).pipe(socket)
    }),
}

const server = SERVICES[process.argv[2] === 'echo' ? 'echo' : 'source']()
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`port ${port}`)
})
