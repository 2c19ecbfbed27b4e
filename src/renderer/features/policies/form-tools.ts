import { createContext, useContext, useState } from 'react'
import type { Problem } from '../../../shared/contract.js'
import { POLICY_DESCRIPTIONS } from '../../../shared/policies/policy-descriptions.js'
import { formatPath } from '../../../shared/problems.js'
import { strings } from '../../strings.js'
import type { FormField } from './form-spec.js'
import type { Vault } from './hidden-values.js'
import { isAt } from './policy-draft.js'
import type { Typing } from './typed-values.js'

/** What the controls of a form share. */
export interface FormTools {
  /** those to be told by now */
  problems: readonly Problem[]
  vault: Vault
  /** Hides a secret. @returns the name to put in its place */
  hide(text: string, isPassword: boolean, former: unknown): string
  /** names of the apps */
  apps: readonly string[]
}

export const FormToolsContext = createContext<FormTools>({
  problems: [],
  vault: new Map(),
  hide: (text) => text,
  apps: [],
})

export interface ControlProps {
  field: FormField
  /** where the value is in the policy's settings */
  at: readonly (string | number)[]
  value: unknown
  /** undefined takes it away */
  onChange(value: unknown): void
}

export function useFormTools(): FormTools {
  return useContext(FormToolsContext)
}

/** What is wrong with a value. @param deep whether that of what is inside of it counts too */
export function useProblems(at: readonly (string | number)[], deep = true): string[] {
  const { problems } = useFormTools()
  const place = formatPath(at)
  return problems
    .filter((problem) => (deep ? isAt(problem, at) : problem.path === place))
    .map(({ path, message }) => worded(path.slice(place.length), message))
}

/**
 * Keeps what is typed for as long as it stands for the value, so that spaces, empty lines and units stay as they are under
 * the hands of whoever types.
 */
export function useTyped<T>(
  typing: Typing<T>,
  value: unknown,
  onChange: (value: unknown) => void,
): [T, (typed: T) => void] {
  const [typed, setTyped] = useState(() => typing.show(value))
  const stands = JSON.stringify(typing.read(typed)) === JSON.stringify(value)
  const change = (next: T) => {
    setTyped(next)
    onChange(typing.read(next))
  }
  return [stands ? typed : typing.show(value), change]
}

/** The label of a field: its own words, or its key in words. */
export function labelOf({ path, key }: FormField): string {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return strings.policies.labels[path] ?? `${words[0]?.toUpperCase()}${words.slice(1)}`
}

/** What a field is for: in the form's own words where the config's speak of JSON. */
export function helpOf({ path }: FormField): string | undefined {
  return strings.policies.helps[path] ?? POLICY_DESCRIPTIONS[path]
}

/** What holds where nothing is set, as a placeholder. */
export function otherwiseOf({ path }: FormField): string | undefined {
  return strings.policies.otherwise[path]
}

function worded(rest: string, message: string): string {
  const index = /^\[(\d+)\]/.exec(rest)?.[1]
  if (index !== undefined) return strings.policies.line(String(Number(index) + 1), message)
  const name = rest.replace(/^\.|^\["|"\]$/g, '')
  return name === '' ? message : strings.policies.ofEntry(name, message)
}
