/** Waits until the condition holds and fails after the deadline. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 5_000,
): Promise<void> {
  const end = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`after ${deadlineMs} ms still not: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export function configText(...names: string[]): string {
  const apps = names.map((name, index) => `    { "name": "${name}", "port": ${3000 + index} }`)
  return `{\n  "version": 1,\n  "apps": [\n${apps.join(',\n')}\n  ]\n}\n`
}
