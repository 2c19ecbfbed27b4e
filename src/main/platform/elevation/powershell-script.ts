import type { Plan, Step } from '../../../shared/plan.js'

/**
 * The elevated steps of several plans as one script of Windows PowerShell 5, with the same promises as `shellScript`.
 * What it says goes to a file, because an elevated process shares no output with the one that asked for it.
 */
export function powershellScript(plans: readonly Plan[], reportFile: string): string {
  return [
    prelude(reportFile),
    ...plans.flatMap((plan, index) => group(plan, index)),
    'Remove-Item -LiteralPath $work -Recurse -Force',
    '',
  ].join('\r\n')
}

/** A literal of PowerShell, whatever is in it; it takes typographic apostrophes for quotes too. */
export function literal(text: string): string {
  return `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
}

/** One argument on a command line of Windows, by the rules that C programs read it by. */
export function windowsArgument(argument: string): string {
  if (/^[^\s"]+$/.test(argument)) return argument
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
}

function prelude(reportFile: string): string {
  return `$ErrorActionPreference = 'Stop'
$report = ${literal(reportFile)}
$work = Join-Path $env:SystemRoot ('Temp\\portico-' + [guid]::NewGuid())
$null = New-Item -ItemType Directory -Path $work
$utf8 = New-Object System.Text.UTF8Encoding $false
function Say($line) { [IO.File]::AppendAllText($report, $line + "\`n", $utf8) }
function Tell($plan, $step, $state, $text) {
  $flat = ([string]$text -replace '[\\t\\r\\n]+', ' ')
  Say ("portico\`t$plan\`t$step\`t$state\`t" + $flat.Substring([Math]::Max(0, $flat.Length - 500)))
}
function Invoke-Program($file, $arguments, $text) {
  $start = New-Object Diagnostics.ProcessStartInfo $file, $arguments
  $start.UseShellExecute = $false; $start.CreateNoWindow = $true
  $start.RedirectStandardInput = $true; $start.RedirectStandardOutput = $true; $start.RedirectStandardError = $true
  $program = [Diagnostics.Process]::Start($start)
  $errors = $program.StandardError.ReadToEndAsync()
  $program.StandardInput.Write($text); $program.StandardInput.Close()
  $said = $program.StandardOutput.ReadToEnd()
  $program.WaitForExit()
  if ($program.ExitCode -ne 0) { throw ($said + ' ' + $errors.Result + ' (code ' + $program.ExitCode + ')') }
}
function Save($path, $id) { if (Test-Path -LiteralPath $path) { Copy-Item -LiteralPath $path -Destination (Join-Path $work $id) } }
function Restore($path, $id) {
  $kept = Join-Path $work $id
  if (Test-Path -LiteralPath $kept) { Copy-Item -LiteralPath $kept -Destination $path -Force }
  elseif (Test-Path -LiteralPath $path) { Remove-Item -LiteralPath $path -Force }
}
function Put($path, $content) {
  $null = New-Item -ItemType Directory -Force -Path (Split-Path -Parent $path)
  [IO.File]::WriteAllText($path, $content, $utf8)
}
Say "portico\`tbegin"`.replaceAll('\n', '\r\n')
}

function group({ steps }: Plan, plan: number): string[] {
  const elevated = [...steps.entries()].filter(([, step]) => step.kind !== 'note' && step.elevated)
  if (elevated.length === 0) return []
  const attempts = elevated.flatMap(([index, step]) => [
    `  $now = ${index}; ${doing(step, `${plan}_${index}`)}; Tell ${plan} ${index} 'done' ''`,
    `  $undo.Push({ ${undoing(step, `${plan}_${index}`)}; Tell ${plan} ${index} 'undone' '' })`,
  ])
  const refresh = elevated
    .filter(([, step]) => step.kind === 'command' && step.refresh === true)
    .map(([index, step]) => `  try { ${doing(step, `${plan}_${index}`)} } catch { }`)
  return [
    '$undo = New-Object Collections.Stack',
    'try {',
    ...attempts,
    '} catch {',
    `  Tell ${plan} $now 'failed' $_.Exception.Message`,
    '  while ($undo.Count -gt 0) { try { & $undo.Pop() } catch { } }',
    ...refresh,
    '}',
  ]
}

function doing(step: Step, id: string): string {
  switch (step.kind) {
    case 'note':
      return ''
    case 'command':
      return invocation(step.program, step.args, step.stdin ?? '')
    case 'write-file':
      return `Save ${literal(step.path)} '${id}'; Put ${literal(step.path)} ${literal(step.content)}`
    case 'remove-file':
      return `Save ${literal(step.path)} '${id}'; Remove-Item -LiteralPath ${literal(step.path)} -Force`
    case 'make-directory':
      return `$null = New-Item -ItemType Directory -Force -Path ${literal(step.path)}`
  }
}

function undoing(step: Step, id: string): string {
  switch (step.kind) {
    case 'note':
    case 'make-directory':
      return ''
    case 'command':
      return step.undo === undefined ? '' : invocation(step.undo.program, step.undo.args, '')
    case 'write-file':
    case 'remove-file':
      return `Restore ${literal(step.path)} '${id}'`
  }
}

function invocation(program: string, args: readonly string[], stdin: string): string {
  return `Invoke-Program ${literal(program)} ${literal(args.map(windowsArgument).join(' '))} ${literal(stdin)}`
}
