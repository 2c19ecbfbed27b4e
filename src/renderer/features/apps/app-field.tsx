import { useId } from 'react'

/** A field of a form: its label, what it is for, and in place of that what is wrong with it. */
export function Field({ label, help, problems, children }: FieldProps) {
  const id = useId()
  const invalid = problems.length > 0
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-invalid': invalid, 'aria-describedby': `${id}-note` })}
      <div id={`${id}-note`} aria-live="polite" className={invalid ? 'problem' : 'help'}>
        {invalid ? [...new Set(problems)].join('; ') : help}
      </div>
    </div>
  )
}

interface FieldProps {
  label: string
  help?: string | undefined
  problems: string[]
  children(props: { id: string; 'aria-invalid': boolean; 'aria-describedby': string }): React.ReactNode
}
