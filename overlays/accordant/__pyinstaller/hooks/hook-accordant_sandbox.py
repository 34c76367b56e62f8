"""The vendors' packages are found by their folder, and the console is a page; uvicorn finds its parts by name."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

datas = collect_data_files("accordant_sandbox", include_py_files=True)
hiddenimports = [*collect_submodules("accordant_sandbox"), *collect_submodules("uvicorn", on_error="ignore")]
