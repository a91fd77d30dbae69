// Starts the npm package telegram-test-api on the port given; ends when standard input does.
const TelegramServer = require("telegram-test-api");

const server = new TelegramServer({ port: Number(process.argv[2]), host: "127.0.0.1" });
server.start().then(() => console.log("ready"));
process.stdin.resume().on("end", () => process.exit(0));
