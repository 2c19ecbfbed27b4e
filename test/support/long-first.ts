import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Begun last, one of these would have the others wait for it at the end. */
const LONG = [/external\/testssl/, /external\/http-cache/, /tunnel-network/, /share-processes/]

/** The order of files: those that take longest, by name, and then as ever. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => name.test(moduleId))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
