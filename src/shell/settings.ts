/** Settings that an operator changes while the gateway runs: stored as JSON text, clamped when read, refused when written out of range. */
import * as z from 'zod';
import type { Platform } from '../core/account.js';
import { DEFAULT_SETTINGS, type PolicySettings, SETTING_RANGES } from '../core/policy.js';
import { PolicyError } from '../core/policy-error.js';
import type { SettingsRepository } from './ports.js';
