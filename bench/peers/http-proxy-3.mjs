// http-proxy-3 with nothing around it: TLS in front, a keep-alive agent behind.
// Usage: node http-proxy-3.mjs PORT BACKEND_PORT CERT_FILE KEY_FILE
import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { createServer } from 'node:https'
import { createProxyServer } from 'http-proxy-3'

const [port, backendPort, certFile, keyFile] = process.argv.slice(2)

const proxy = createProxyServer({
  target: `http://127.0.0.1:${backendPort}`,
  agent: new Agent({ keepAlive: true, maxFreeSockets: 128 }),
})

createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
  proxy.web(request, response, {}, (error) => {
    console.error(error)
    if (!response.headersSent) response.writeHead(502)
    response.end()
  })
}).listen(Number(port), '127.0.0.1')
