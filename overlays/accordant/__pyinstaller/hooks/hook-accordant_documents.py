"""The effective documents are data."""

from PyInstaller.utils.hooks import collect_data_files

datas = collect_data_files("accordant_documents")
