"""One story, told to the server by clients that other people wrote.

Usage: story.py inspector|inspector-modern|sdk-legacy|sdk-modern PROGRAM
A workspace is made, a tree is planned, a task is claimed, a person edits the file in between; a
stale update is refused, a contradiction is kept and resolved; then the work is completed, found
and archived. Ends with an error where an answer is not what it has to be.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile


def check(condition, text):
    if not condition:
        raise SystemExit(f"story: unexpected answer:\n{text}")


class Inspector:
    """The command line of the Inspector: a process, and a server, for every call."""

    def __init__(self, program, root, era):
        self.command = ["mcp-inspector", "--cli"]
        self.server = ["--", program, "mcp", "--root", root]
        if era == "modern":
            config = os.path.join(root, "inspector.json")
            server = {"command": program, "args": ["mcp", "--root", root], "protocolEra": "modern"}
            with open(config, "w", encoding="utf-8") as file:
                json.dump({"mcpServers": {"plandown": server}}, file)
            self.command += ["--config", config, "--server", "plandown"]
            self.server = []

    def ask(self, *args):
        command = [*self.command, *args, "--format", "json", *self.server]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        check(ran.stdout.startswith("{"), f"{command}\n{ran.stdout}\n{ran.stderr}")
        return json.loads(ran.stdout).get("result")

    async def tools(self):
        return [tool["name"] for tool in self.ask("--method", "tools/list")["tools"]]

    async def call(self, tool, arguments):
        args = ["--method", "tools/call", "--tool-name", tool]
        for name, value in arguments.items():
            text = value if isinstance(value, str) else json.dumps(value)
            args += ["--tool-arg", f"{name}={text}"]
        result = self.ask(*args)
        return result["content"][0]["text"], bool(result.get("isError"))

    async def read(self, uri):
        return self.ask("--method", "resources/read", "--uri", uri)["contents"][0]["text"]


class Sdk:
    """The Python SDK: one connection for the whole story."""

    def __init__(self, client):
        self.client = client

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def call(self, tool, arguments):
        result = await self.client.call_tool(tool, arguments)
        return result.content[0].text, bool(result.is_error)

    async def read(self, uri):
        return (await self.client.read_resource(uri)).contents[0].text


async def tell(client, root):
    async def ok(tool, **arguments):
        text, is_error = await client.call(f"orchestrator_{tool}", arguments)
        check(not is_error, f"{tool} {arguments}: {text}")
        return text

    async def refused(code, tool, **arguments):
        text, is_error = await client.call(f"orchestrator_{tool}", arguments)
        check(is_error and json.loads(text)["code"] in code, f"{tool} {arguments}: {text}")
        return json.loads(text)

    def rev(text):
        return re.search(r"rev ([0-9a-f]{12})", text).group(1)

    names = await client.tools()
    check("orchestrator_plan_task" in names and len(names) > 30, names)
    await ok("initialize_session", working_directory=root)
    await ok("session_create", name="Story")
    path = os.path.join(root, ".task_orchestrator/sessions/story/session.md")

    def edit(old, new):
        with open(path, encoding="utf-8", newline="") as file:
            before = file.read()
        check(old in before, before)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(before.replace(old, new))
        return before

    tasks = [
        {"ref": "design", "title": "Design it", "description": "On paper"},
        {"ref": "build", "title": "Build it", "depends_on": ["design"]},
        {"ref": "test", "title": "Test it", "parent": "build"},
    ]
    planned = await ok("plan_task", group="Work", tasks=tasks)
    design, build, test = re.findall(r"^(t-\w+)", planned, re.MULTILINE)
    claimed = await ok("next_task", claim=True)
    check(design in claimed and "held by" in claimed and "| On paper" in claimed, claimed)

    # A person writes into the text that the client has read.
    seen = rev(await ok("task_show", task=design))
    edit("On paper", "On paper, by hand")
    error = await refused(("stale-revision", "conflict"), "task_update",
                          task=design, description="On screen", if_match=seen)
    check(error["hint"], error)
    shown = await ok("task_show", task=design)
    check("| On paper, by hand" in shown, shown)
    await ok("task_update", task=design, append="On screen", if_match=rev(shown))

    # A person saves an old buffer: it contradicts what the client has written meanwhile.
    with open(path, encoding="utf-8", newline="") as file:
        buffer = file.read()
    await ok("task_update", task=build, status="in_progress", set={"priority": "high"})
    await ok("task_update", task=test, title="Test all of it")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(buffer.replace("Test it", "Test most of it"))
    await ok("sync")
    listed = await ok("conflict_resolve")
    check(listed.startswith("1 open"), listed)
    conflict = listed.splitlines()[1].split()[0]
    both = await ok("conflict_resolve", id=conflict)
    check("Test all of it" in both and "Test most of it" in both, both)
    await ok("conflict_resolve", id=conflict, take="ours")
    text = await client.read("plandown://session/story")
    check("Test all of it" in text and "by hand\n" in text, text)

    await refused(("open-work",), "complete_task", tasks=[build])
    await ok("complete_task", tasks=[design, test, build], summary="Done and checked")
    found = await ok("search", query="paper")
    check(design in found, found)
    await ok("session_complete")
    await ok("session_archive", session="story")
    check(not os.path.exists(path), "the archived session is still there")
    listed = await ok("session_list", include_archived=True)
    check("story" in listed, listed)


async def main(kind, program):
    with tempfile.TemporaryDirectory() as directory:
        root = os.path.realpath(directory)
        if kind.startswith("inspector"):
            subprocess.run([program, "--root", root, "init"], check=True, capture_output=True, timeout=60)
            await tell(Inspector(program, root, kind.removeprefix("inspector-")), root)
            return
        from mcp.client import Client
        from mcp.client.stdio import StdioServerParameters, stdio_client

        server = StdioServerParameters(command=program, args=["mcp", "--root", root], cwd=root)
        mode = {"sdk-legacy": "legacy", "sdk-modern": "2026-07-28"}[kind]
        async with Client(stdio_client(server), mode=mode) as client:
            await tell(Sdk(client), root)


asyncio.run(asyncio.wait_for(main(sys.argv[1], sys.argv[2]), 300))
print(f"{sys.argv[1]}: the whole story is told")
