/** The example of docs/config.md: every part of the format once. */
export const DESIGN_EXAMPLE = {
  version: 1,
  listen: { bind: ['127.0.0.1', '::1'], https: 443, http: 80, fallback: [4443, 8080] },
  tls: { acme: { email: 'a@b.cd', directory: 'https://acme.example/directory', caFile: null } },
  defaults: { timeouts: { connect: '5s', response: '30s', idle: '120s' } },
  apps: [
    { name: 'shop', port: 3000 },
    { name: 'docs', static: { dir: './site', spa: true } },
    {
      name: 'api',
      hosts: ['api.localhost', '*.api.localhost'],
      certificate: 'local',
      process: {
        command: 'npm run dev',
        cwd: '/code/api',
        env: { A: 'b' },
        port: 'auto',
        start: 'boot',
        idleStop: '30m',
        dependsOn: ['db'],
      },
      routes: [
        {
          path: '/v1/*',
          methods: ['GET', 'POST'],
          stripPrefix: '/v1',
          upstream: {
            backends: [{ url: 'http://127.0.0.1:8000', weight: 2 }, { url: 'http://[::1]:8001' }],
            balance: 'least-connections',
            preserveHost: true,
            health: { path: '/health', interval: '10s', timeout: '5s', unhealthyAfter: 3, healthyAfter: 2 },
            retry: { attempts: 2, backoff: '200ms' },
            breaker: { failures: 5, cooldown: '10s' },
          },
          policies: { rateLimit: { rate: '100/m', burst: 10 }, cors: { origins: ['https://app.localhost'] } },
        },
        { path: '/assets/*', static: { dir: './public' } },
        { path: '/', process: true },
      ],
    },
  ],
}
