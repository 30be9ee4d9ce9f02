"""The final schedule as a folder of files for any web server."""
