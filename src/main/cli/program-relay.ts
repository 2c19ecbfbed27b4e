import type { Command } from 'commander'

const EXAMPLES = `
Examples:
  portico relay serve --listen 127.0.0.1:8443
  portico relay serve --listen 0.0.0.0:8443 --cert relay.pem --key relay-key.pem
  portico relay serve --listen 0.0.0.0:443 --domain relay.example.com
  portico relay token create --agent laptop --ports 9000-9099 --expires 24h
  portico relay proxy add --agent laptop --local-port 9000 --to 127.0.0.1:5432

Relays keep tokens and proxies in a data directory of their own, which --data-dir names.`

export function addRelay(program: Command): void {
  const relay = program
    .command('relay')
    .description('a server that agents connect to, so that others reach services behind them')
    .addHelpText('after', EXAMPLES)
  addServe(relay)
  addTokens(relay.command('token').description('who may connect to the relay'))
  addProxies(relay.command('proxy').description('ports of this machine that lead to services of agents'))
  relay
    .command('status')
    .description('the running relay: its agents, and the traffic of its proxies')
    .option('--json', 'as one JSON object')
    .action(async (_, command: Command) => {
      const { relayStatus } = await import('./relay-commands.js')
      await relayStatus(command.optsWithGlobals())
    })
}

function addServe(relay: Command): void {
  relay
    .command('serve')
    .description('run the relay in the foreground until it is stopped')
    .requiredOption('--listen <host:port>', 'where agents connect to; TLS is required unless it is a loopback address')
    .option(
      '--domain <name>',
      'publish apps of agents below this domain, whose subdomains lead here, with certificates',
    )
    .option('--cert <file>', 'certificate for TLS with its chain, PEM')
    .option('--key <file>', 'its key, PEM')
    .option('--ping <duration>', 'ask agents so often whether they are still there; 15s unless told')
    .option('--idle <duration>', "a user's connection ends after so long without a byte; 1h unless told")
    .option('--lifetime <duration>', "a user's connection ends after so long; 24h unless told")
    .action(async (_, command: Command) => {
      const { serveRelay } = await import('./relay-serve.js')
      await serveRelay(command.optsWithGlobals())
    })
}

function addTokens(token: Command): void {
  token
    .command('create')
    .description('make a token and print it, this once')
    .option('--agent <id>', 'the agent that may connect with it')
    .option('--ports <range>', 'local ports that may lead to the agent, as 9000-9099; any unless told')
    .option('--expires <duration>', 'it is good for so long, as 24h or 30d; until revoked unless told')
    .option('--admin', 'it may use the API over the network')
    .option('--connections <number>', 'users at once; 1000 unless told')
    .option('--proxies <number>', 'proxies of the agent; 100 unless told')
    .option(
      '--bandwidth <rate>',
      'bytes per second, both ways together, as 500KB or 10MB; as fast as it goes unless told',
    )
    .action(async (_, command: Command) => {
      const { createToken } = await import('./relay-commands.js')
      await createToken(command.optsWithGlobals())
    })
  token
    .command('list')
    .description('all tokens, without what they are')
    .option('--json', 'as a JSON array')
    .action(async (_, command: Command) => {
      const { listTokens } = await import('./relay-commands.js')
      await listTokens(command.optsWithGlobals())
    })
  token
    .command('revoke')
    .description('end a token, and at once the connections that were made with it')
    .argument('<id>', 'as "portico relay token list" names it')
    .action(async (id: string, _, command: Command) => {
      const { revokeToken } = await import('./relay-commands.js')
      await revokeToken(id, command.optsWithGlobals())
    })
}

function addProxies(proxy: Command): void {
  proxy
    .command('add')
    .description('lead a port of this machine to a service that an agent reaches')
    .requiredOption('--agent <id>', 'the agent')
    .requiredOption('--local-port <number>', 'port of this machine; 0 for any that is free')
    .requiredOption('--to <host:port>', 'the service, as the agent reaches it')
    .option('--bind <address>', 'listen on this address instead of 127.0.0.1')
    .action(async (_, command: Command) => {
      const { addProxy } = await import('./relay-commands.js')
      await addProxy(command.optsWithGlobals())
    })
  proxy
    .command('list')
    .description('all proxies')
    .option('--json', 'as a JSON array')
    .action(async (_, command: Command) => {
      const { listProxies } = await import('./relay-commands.js')
      await listProxies(command.optsWithGlobals())
    })
  proxy
    .command('remove')
    .description('end a proxy, and at once the connections through it')
    .argument('<id>', 'as "portico relay proxy list" names it')
    .action(async (id: string, _, command: Command) => {
      const { removeProxy } = await import('./relay-commands.js')
      await removeProxy(id, command.optsWithGlobals())
    })
}
