#!/usr/bin/env node
import './boot.mjs';
