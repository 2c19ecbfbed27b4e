import { onTestFinished } from 'vitest'
import { startGateway, type TestConfig, type TestGateway } from './gateway.js'
import { type Responder, startUpstream, type TestUpstream } from './upstream.js'

/** A gateway until the end of the test that asks for it. */
export async function gatewayOf(config: TestConfig): Promise<TestGateway> {
  const gateway = await startGateway(config)
  onTestFinished(() => gateway.stop())
  return gateway
}

/** A backend until the end of the test that asks for it. */
export async function upstreamOf(respond?: Responder): Promise<TestUpstream> {
  const upstream = await startUpstream(respond)
  onTestFinished(() => upstream.close())
  return upstream
}
