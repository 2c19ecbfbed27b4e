/** Long work is done in slices of this many milliseconds, so that the page goes on drawing and answering. */
const SLICE_MS = 8

const channel = new MessageChannel()
const waiting: (() => void)[] = []
channel.port1.onmessage = () => waiting.shift()?.()

/** Lets the page do what is due. A message is dealt with after what is waiting already, without the 4 ms of a timer. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    channel.port2.postMessage(null)
  })
}

/** Tells when a slice is over. @returns a function that is true once its time is up; each call of it costs a look at the clock */
export function startSlice(): () => boolean {
  const end = performance.now() + SLICE_MS
  return () => performance.now() > end
}
