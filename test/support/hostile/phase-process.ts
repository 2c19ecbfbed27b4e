import { enterPhase, type GatewayAddress, type Phase } from './phase-clients.ts'

/** A client process to be killed: brings one exchange into each of the given phases, says so, and waits for its end. */
const { protocol, phases, gateway } = JSON.parse(process.argv[2] as string) as {
  protocol: 'h1' | 'h2'
  phases: Phase[]
  gateway: GatewayAddress
}
await Promise.all(phases.map((phase) => enterPhase(protocol, phase, gateway)))
process.stdout.write('ready\n')
setInterval(() => {}, 1000)
