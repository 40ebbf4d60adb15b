// What the server costs a model, counted with the tokenizer o200k_base instead of our estimate: the list
// of tools, acknowledgements, a page of a long list, one task of a long plan.
//
// Usage: node tokens.mjs PROGRAM  (with the package `gpt-tokenizer` beside node_modules of NODE_TOOLS)
import { spawn, execFileSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, writeFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const [program] = process.argv.slice(2)
const { countTokens } = createRequire(join(process.env.NODE_TOOLS, 'x.js'))('gpt-tokenizer/encoding/o200k_base')
const home = mkdtempSync(join(tmpdir(), 'plandown-tokens-'))
// Nothing of the person's own settings counts.
const env = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: join(home, 'config') }
let failed = false

/** A plan with so many tasks, each with two lines of text below it. */
function plan(tasks) {
  let text = '# Session: Release of the booking service\n\n**Status**: Active\n\n## Task Groups\n'
  for (let n = 0; n < tasks; n++) {
    if (n % 50 === 0) text += `\n### Part ${n / 50 + 1}\n\n`
    text += `- [ ] Move endpoint ${n} to the new router ^t-${String(n).padStart(4, '0')}\n`
    text += `  Keep the old address working until clients have moved, see chapter ${n}.\n  - priority: high\n`
  }
  return text
}

function workspace(name, text) {
  const root = join(home, name)
  const dir = join(root, '.task_orchestrator', 'sessions', 'release')
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'session.md'), text)
  return root
}

/** A server and how to ask it. */
async function serve(root, ...args) {
  const child = spawn(program, ['mcp', '--root', root, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let last = 0
  const ask = async (method, params) => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: ++last, method, params })}\n`)
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`the server ended at ${method}`)
      const message = JSON.parse(value)
      if (message.id === last && !message.method) return message.result
    }
  }
  const clientInfo = { name: 'tokens', version: '1' }
  const hello = await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
  const call = async (tool, given) => {
    const result = await ask('tools/call', { name: `orchestrator_${tool}`, arguments: given })
    if (result.isError || result.structuredContent) throw new Error(`${tool}: ${JSON.stringify(result)}`)
    return result.content.map((c) => c.text).join('\n')
  }
  const end = () => new Promise((done) => child.on('exit', done).stdin.end())
  return { ask, call, end, hello }
}

function check(what, tokens, most) {
  if (tokens > most) failed = true
  console.log(`${String(tokens).padStart(6)} of ${String(most).padStart(5)}  ${what}${tokens > most ? '  TOO MANY' : ''}`)
}

async function lists() {
  const root = workspace('lists', plan(3))
  for (const [profile, most] of [['core', 1000], ['full', 3000]]) {
    const server = await serve(root, '--profile', profile)
    const { tools } = await server.ask('tools/list', {})
    await server.end()
    const visible = tools.map((t) => JSON.stringify({ name: t.name, description: t.description, input_schema: t.inputSchema }))
    const real = visible.reduce((sum, text) => sum + countTokens(text), 0)
    if (tools.length < 10) throw new Error(`${tools.length} tools in ${profile}`)
    check(`${tools.length} tools of profile ${profile}`, real, most)
    console.log(`               (all that is sent: ${countTokens(JSON.stringify(tools))}; instructions: ${countTokens(server.hello.instructions)})`)
    const listed = execFileSync(program, ['--json', 'mcp', 'tools', '--profile', profile, '--tokens'], { env, cwd: root })
    const estimate = JSON.parse(listed).tokens
    const off = Math.round((100 * estimate) / real - 100)
    // It is printed as an estimate; below the truth or far above it, it would be none.
    if (off < 0 || off > 10) failed = true
    console.log(`${String(estimate).padStart(6)}           the program's own estimate (${off >= 0 ? '+' : ''}${off} %)${off < 0 || off > 10 ? '  OFF' : ''}`)
  }
}

async function answers() {
  const server = await serve(workspace('answers', plan(20)))
  for (const [tool, given] of [
    ['task_update', { task: 't-0001', status: 'in_progress' }],
    ['task_update', { task: 't-0002', append: 'A longer remark that is not sent back.' }],
    ['complete_task', { tasks: ['t-0003'], summary: 'Moved and measured.' }],
    ['plan_task', { title: 'Tell the clients', group: 'Part 1' }],
    ['task_priority_adjust', { tasks: ['t-0004'], priority: 'low' }],
    ['task_dependency_add', { task: 't-0006', on: ['t-0005'] }],
    ['note_add', { text: 'Old clients send no version', kind: 'learning' }],
  ]) {
    check(`acknowledgement of ${tool}`, countTokens(await server.call(tool, given)), 30)
  }
  await server.end()
  const long = await serve(workspace('long', plan(2000)))
  const listed = await long.call('task_list', {})
  if (!listed.startsWith('20 of 2000 tasks')) throw new Error(listed)
  check('task_list of 2,000 tasks', countTokens(listed), 700)
  await long.end()
  const text = plan(107)
  const one = await serve(workspace('one', text))
  const shown = await one.call('task_show', { task: 't-0077' })
  if (!shown.includes('chapter 77') || shown.includes('chapter 76')) throw new Error(shown)
  check(`task_show in a plan of ${text.split('\n').length - 1} lines`, countTokens(shown), 250)
  await one.end()
}

try {
  await lists()
  await answers()
} finally {
  rmSync(home, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0
