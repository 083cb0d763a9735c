#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# `make demo` still shows what it promises.
exec "$(dirname "$0")/../demo/run"
