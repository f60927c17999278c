"""The page's ways in: REST and Socket.IO."""
