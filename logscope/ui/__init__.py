"""The screen: shows Snapshots, sends intents. Log text reaches it only through `text.safe_text`, never as markup."""
