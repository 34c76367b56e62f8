"""Models and clients are imported by name when they are first used, which PyInstaller does not see."""

from PyInstaller.utils.hooks import collect_submodules

hiddenimports = [
    name
    for package in ("accordant", "accordant_generated", "accordant_runtime")
    for name in collect_submodules(package, filter=lambda name: "__pyinstaller" not in name, on_error="ignore")
]
