// News over a socket.

import { Line } from "./components/line.js";
import { start } from "./live.js";

start(new Line());
