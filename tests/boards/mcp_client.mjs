/* SPDX-License-Identifier: Apache-2.0 */
// The official SDK's client drives `tether mcp-server` as an assistant's host does.
// usage: node mcp_client.mjs TETHER FOLDER BOARD FILE REMOTE
// Run where node finds @modelcontextprotocol/sdk. Prints one JSON line.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "x.js"));
const load = async (name) =>
	import(pathToFileURL(require.resolve(
		"@modelcontextprotocol/sdk/" + name)).href);
const { Client } = await load("client/index.js");
const { StdioClientTransport } = await load("client/stdio.js");
const [tether, folder, board, file, remote] = process.argv.slice(2);

const pick = (o) => o.content.map((c) => c.text).join("");
const client = new Client({ name: "test", version: "1" });
await client.connect(new StdioClientTransport({
	command: tether,
	args: ["mcp-server", "--root", folder, "--board", board],
	env: process.env,
	cwd: folder,
}));
const said = { server: client.getServerVersion() };
said.tools = (await client.listTools()).tools.map((t) => t.name);
const call = async (name, args, options) => {
	const r = await client.callTool({ name, arguments: args }, undefined,
		options);
	return { text: pick(r), error: r.isError };
};
said.start = await call("start_container", { name: "b1",
	workspace_dir: folder });
said.run = await call("run_command", { container: "b1",
	command: "make linux-rebuild && make" });
said.collect = await call("collect_artifacts", { container: "b1",
	host_path: path.join(folder, "stm32mp1-sdcard") });
said.deploy = await call("deploy", { file_path: file, remote_path: remote });
said.ssh = await call("ssh_command", { command: "echo \"on the board\"" });
const ticks = [];
said.slow = await call("ssh_command", { command: "echo begun; sleep 5" },
	{ onprogress: (p) => ticks.push(p) });
said.ticks = ticks;
const abort = new AbortController();
const long = call("ssh_command", { command: "sleep 1000" },
	{ signal: abort.signal });
setTimeout(() => abort.abort("enough"), 500);
said.aborted = await long.then(() => false, () => true);
said.ping = await client.ping();
await client.close();
console.log(JSON.stringify(said));
