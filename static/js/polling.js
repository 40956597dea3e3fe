// News by asking from time to time.

import { start } from "./live.js";

start(null);
