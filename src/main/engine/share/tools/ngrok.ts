import type { Tool } from './tool.js'

export const ngrok: Tool = {
  tool: 'ngrok',
  title: 'ngrok',
  install: 'Install ngrok: https://ngrok.com/download',
  program: 'ngrok',
  places: () => [],
  versionArgs: ['version'],
  readVersion: (output) => /version (\d[\w.]*)/.exec(output)?.[1] ?? null,
  obstacle: async () => null,
  ways: 1,
  plan: (program, port) => ({
    program,
    args: ['http', `127.0.0.1:${port}`, '--log', 'stdout', '--log-format', 'json'],
    env: {},
  }),
  reader: () => (line) => {
    const url = /"url":"(https:[^"]+)"/.exec(line)?.[1]
    return url === undefined ? null : { type: 'open', url }
  },
}
