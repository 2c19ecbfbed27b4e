import { registerHooks } from 'node:module'

/** Lets a plain Node child process of a test import the sources: `./x.js` there is `./x.ts` on disk. */
registerHooks({
  resolve(specifier, context, next) {
    return specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')
      ? next(`${specifier.slice(0, -3)}.ts`, context)
      : next(specifier, context)
  },
})
