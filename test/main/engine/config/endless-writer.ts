import { writeAtomically } from '../../../../src/main/engine/config/atomic-file.js'

/** A child process for the kill test: writes ever new, complete JSON files until it is killed. */
const file = process.argv[2]!
process.stdout.write('writing\n')
for (let round = 0; ; round++) {
  const text = JSON.stringify({ round, filler: 'x'.repeat(20_000 + (round % 7) * 50_000), last: round })
  await writeAtomically(file, text, { backup: true })
}
