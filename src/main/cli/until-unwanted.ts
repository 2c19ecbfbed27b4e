/** Resolves at SIGINT or SIGTERM, or when nobody reads the output any more. */
export function untilUnwanted(): Promise<'unwanted'> {
  return new Promise((resolve) => {
    const end = () => resolve('unwanted')
    process.once('SIGINT', end).once('SIGTERM', end)
    process.stdout.once('error', end)
  })
}
