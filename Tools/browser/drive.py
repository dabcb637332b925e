#!/usr/bin/env python3
"""Drives compute-manager's page in a real browser, as a desk would; scripts/browser runs it.

usage: drive.py --programs DIR --data DIR [--axe FILE] [--short | --nightly] [--screenshots DIR]
                [--readme] [--chromium PATH]

Starts `valgrid up` of --programs in --data, does on its page what a desk does, and ends it. With --axe
(axe-core's axe.min.js) every page is checked in light and dark at three widths. --readme makes the
pictures of README.md instead. Prints a line a check
and exits with 1 when one failed.
"""
import argparse
import pathlib
import sys
import traceback

from playwright.sync_api import sync_playwright

import faults
import flows
import pictures
from desk import Desk
from grid import Grid


def run(desk, grid, browser, options):
    flows.door(desk, grid.password)
    job = flows.submit_example(desk)
    flows.tabs(desk, job)
    flows.failed_trade(desk, job)
    flows.pages(desk)
    if not options.short:
        second = flows.submit_generated(desk, 1000)
        flows.compare(desk, job, second)
        flows.repeat(desk, job)
        flows.scale(desk, grid)
        flows.redrive(desk, grid)
        faults.many_tabs(desk)
        faults.cut_streams(desk, 100 if options.nightly else 20, seed=7)
        faults.long_table(desk, job)
        faults.long_job(desk, browser, grid, 1_000_000 if options.nightly else 200_000)
        faults.killed_manager(desk, browser, grid.programs, grid.folder / "programs")
        flows.viewer(desk, job)
        desk.sign_out()
        flows.keyboard(desk, grid)
    flows.leave(desk)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--axe")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--nightly", action="store_true")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--screenshots")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    grid = Grid(options.programs, options.data, *(["--environment", "demo · london"] if options.readme else []))
    try:
        grid.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
            desk = Desk(browser, grid.url, axe=options.axe, pictures=options.screenshots, is_short=options.short)
            try:
                if options.readme:
                    pictures.take(desk, grid, pathlib.Path(__file__).parents[2] / "docs" / "pictures")
                else:
                    run(desk, grid, browser, options)
            except Exception as error:
                desk.picture("failed")
                traceback.print_exc()
                desk.check(f"the run goes on at {desk.page.url}", False, str(error).split("\n")[0])
            browser.close()
    finally:
        grid.stop()
    failures = desk.failures
    print(f"{len(failures)} failed: {'; '.join(failures)}" if failures else "browser: ok")
    return 1 if failures else 0


sys.exit(main())
